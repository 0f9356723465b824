"""The ground: settings and wiring, staff, roles, rooms, hours, locations, audit, clock, posting mail."""
