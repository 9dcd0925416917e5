"""What programs are told: JSON members of cases, duties, reports and the like."""
