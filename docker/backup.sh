#!/bin/sh
# A dump of the database into /backups every 24 hours; those older than BACKUP_KEEP_DAYS go.
# What failed is said and tried again after five minutes; a half written dump never looks whole.
# Restore one:  pg_restore --clean --if-exists --no-owner --dbname=... FILE
set -u
umask 077

folder=${BACKUP_FOLDER:-/backups}
keep=${BACKUP_KEEP_DAYS:-14}

dump() {
  file="$folder/billing-$(date -u +%Y-%m-%dT%H%M%SZ).dump"
  if ! pg_dump --format=custom --file="$file.part"; then
    rm -f "$folder"/*.part
    return 1
  fi
  mv "$file.part" "$file"
  echo "Wrote $file ($(du -h "$file" | cut -f1))."
  find "$folder" -name 'billing-*.dump' -mtime "+$keep" -delete
}

while :; do
  if dump; then
    [ "${BACKUP_ONCE:-}" ] && exit 0
    sleep 86400
  else
    echo "The backup failed; trying again in 5 minutes." >&2
    [ "${BACKUP_ONCE:-}" ] && exit 1
    sleep 300
  fi
done
