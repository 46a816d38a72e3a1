"""Logits or probabilities and targets to losses and their derivatives."""
