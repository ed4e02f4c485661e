"""The texts of rules: placeholders, Liquid and dynamic content."""
