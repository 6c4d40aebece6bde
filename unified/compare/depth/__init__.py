"""The depth of two implementations: their layers aligned, the first difference, and its likeliest cause."""
