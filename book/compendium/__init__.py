"""The methods, data access and book machinery of the compendium."""
