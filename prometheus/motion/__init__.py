"""Text to motion: a streaming diffusion model that turns sentences into the movement of 22 joints."""
