"""The demo audits databases in good and bad states, before and after one of them is corrected."""
