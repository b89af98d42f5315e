"""What runs inside the box: explores, kills mutants, chooses and writes."""
