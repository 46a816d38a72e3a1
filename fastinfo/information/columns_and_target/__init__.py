"""Arguments of scikit-learn's functions of columns and a target: read, checked, and counted."""
