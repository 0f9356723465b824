"""Run broker, web, worker and beat as one program that starts together and ends together."""
