"""Commands about signals: bringing them in, entering and listing them."""
