"""The improver without a model: proposes rewrites that are known to be faster or safer, and measures each in a box."""
