"""How quickly the check of a half-filled form answers, with many synthetic cases in the store."""
