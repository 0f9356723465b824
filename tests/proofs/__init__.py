"""What the machine promises, proved from outside: against real servers, real processes and the rows themselves."""
