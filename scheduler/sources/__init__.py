"""Where facts come from: CSV files, HubSpot exports, mapping files, public holidays."""
