"""Worker side: records the simulator, measures fitness, and holds generated rewards in processes of their own."""
