"""What every module stands on: PostgreSQL, events, jobs, HTTP, identity. It knows no retail."""
