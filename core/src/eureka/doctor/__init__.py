"""What `eureka doctor` looks at, a check a file, and what it says of it."""
