"""What scikit-learn's functions of columns and a target take: read, checked, and counted."""
