-- The role that RDS TLS Audit logs in as. Run this once per instance or cluster as the master user;
-- replicas inherit it. The role reads statistics and settings. It owns nothing and changes nothing.
CREATE ROLE rds_tls_audit LOGIN CONNECTION LIMIT 3;

-- Lets the role see the sessions of other roles and the TLS settings. Grants pg_monitor as a whole,
-- because from RDS for PostgreSQL 16, the master user can't grant its parts separately.
GRANT pg_monitor TO rds_tls_audit;

-- Lets the role log in with an IAM token. IAM authentication must be on for the instance. If you
-- don't use IAM, give the role a password, and name its secret in the tag rds-tls-audit:secret.
GRANT rds_iam TO rds_tls_audit;

-- Needed only if CONNECT on the database was revoked from PUBLIC:
-- GRANT CONNECT ON DATABASE postgres TO rds_tls_audit;
