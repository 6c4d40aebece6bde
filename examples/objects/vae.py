"""A variational autoencoder, as a class for PyTorch: `encode`, `decode`, a draw between them, and the loss.

`python examples/objects/run.py` builds it on both frameworks.
"""

import unified.functional as F
import unified.nn as nn
import unified.numpy as unp
from unified.nn.random import randn_like


class Encoder(nn.Module):
    """Images to the mean and the log variance of their codes."""

    def __init__(self, channels, hidden, codes):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(channels, hidden, 4, stride=2, padding=1),
            nn.BatchNorm2d(hidden),
            nn.LeakyReLU(0.2),
            nn.Conv2d(hidden, 2 * hidden, 4, stride=2, padding=1),
            nn.BatchNorm2d(2 * hidden),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
        )
        self.fc_mu = nn.Linear(2 * hidden * 4, codes)
        self.fc_var = nn.Linear(2 * hidden * 4, codes)

    def forward(self, x):
        h = self.net(x)
        return self.fc_mu(h), self.fc_var(h)


class Decoder(nn.Module):
    """Codes to logits of pixels."""

    def __init__(self, channels, hidden, codes):
        super().__init__()
        self.hidden = hidden
        self.fc = nn.Linear(codes, 2 * hidden * 4)
        self.net = nn.Sequential(
            nn.ConvTranspose2d(2 * hidden, hidden, 4, stride=2, padding=1),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.ConvTranspose2d(hidden, channels, 4, stride=2, padding=1),
        )

    def forward(self, z):
        return self.net(self.fc(z).reshape(-1, 2 * self.hidden, 2, 2))


class VAE(nn.Module):
    """The reconstruction, the mean and the log variance; in evaluation the mean is the code."""

    def __init__(self, channels=1, hidden=4, codes=6, beta=1.0):
        super().__init__()
        self.encoder = Encoder(channels, hidden, codes)
        self.decoder = Decoder(channels, hidden, codes)
        self.beta = beta

    def encode(self, x):
        return self.encoder(x)

    def reparameterize(self, mu, logvar):
        if not self.training:
            return mu
        std = unp.exp(0.5 * logvar)
        return mu + randn_like(std) * std

    def decode(self, z):
        return F.sigmoid(self.decoder(z))

    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar

    def loss(self, x):
        reconstruction, mu, logvar = self(x)
        error = F.binary_cross_entropy(reconstruction, x, reduction="sum") / x.shape[0]
        divergence = -0.5 * (1 + logvar - mu**2 - unp.exp(logvar)).sum(1).mean()
        return error + self.beta * divergence
