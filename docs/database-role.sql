-- The role that RDS TLS Audit logs in as. Run once per instance or cluster, as the master user;
-- replicas take it over. It reads statistics and settings, and owns and changes nothing.
CREATE ROLE rds_tls_audit LOGIN CONNECTION LIMIT 3;

-- To see the sessions of others and the settings about TLS. pg_monitor as a whole: since RDS 16
-- the master user may not grant its parts one by one.
GRANT pg_monitor TO rds_tls_audit;

-- To log in with an IAM token (RDS and Aurora; the instance needs IAM authentication turned on).
-- Without it: a password, and its secret named by the tag rds-tls-audit:secret.
GRANT rds_iam TO rds_tls_audit;

-- Only where CONNECT on the database was taken from PUBLIC:
-- GRANT CONNECT ON DATABASE postgres TO rds_tls_audit;
