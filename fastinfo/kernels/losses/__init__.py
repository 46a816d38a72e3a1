"""Losses of logits or probabilities against targets, and their derivatives."""
