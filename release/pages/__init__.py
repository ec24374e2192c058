"""What people see of releases: `report` for curators, `comparison` of two, `preview` of one to come."""
