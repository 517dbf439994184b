"""What a run is carried out with: reading items, the engine, settling, workers."""
