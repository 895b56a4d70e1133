// Placeholder until the first file of this program stands.
