"""`make compose-check`: docker-compose.yml and deploy/Dockerfile are really tried, without a Docker engine.

The files are checked (`docker compose config`, hadolint), the image is built by buildah, the stack is brought
up on podman's socket on this machine's loopback, a case goes round in it, and everything is taken down again.
Not part of the test run: it needs root, and minutes on a new machine. What it leaves untried stands in
docs/operate.md.
"""
