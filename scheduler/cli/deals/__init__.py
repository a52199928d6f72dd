"""Commands about deals and contracts: listed, told one by one, entered by hand."""
