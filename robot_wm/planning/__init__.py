"""Planning in a world model's latent space."""
