"""The common look of all pages: frame, forms, problems. It knows who is signed in, and no domain."""
