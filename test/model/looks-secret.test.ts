import { expect, it } from 'vitest';
import { looksSecret } from '../../src/model/looks-secret.ts';

it.each([
  ['DB_PASSWORD', 'x'],
  ['PGPASSWORD', 'x'],
  ['MYSQL_PWD', 'x'],
  ['AWS_SECRET_ACCESS_KEY', 'x'],
  ['api_key', 'x'],
  ['GITHUB_TOKEN', 'x'],
  ['SIGNING_KEY', 'x'],
  ['URL', 'postgres://app:hunter2@db/app'],
  ['DATABASE', 'host=db password=hunter2'],
  ['HEADER', 'Authorization: Bearer abcdef0123'],
  ['CERT', '-----BEGIN RSA PRIVATE KEY-----'],
  ['X', `ghp_${'a1'.repeat(18)}`],
  ['X', 'AKIAIOSFODNN7EXAMPLE'],
  ['X', '9f86d081884c7d659a2feaa0c55ad015'],
  ['X', 'q8Zr2LmPw0XyTb5NcVh7Kd4S'],
])('%s=%s looks secret', (name, value) => {
  expect(looksSecret(name, value)).toBe(true);
});

it.each([
  ['MODE', 'fast'],
  ['BACKUP_HOME', '/opt/backup/releases/2026-11-22/bin'],
  ['PWD', '/srv'],
  ['KEYBOARD', 'de'],
  ['URL', 'https://example.org/a/b?c=1'],
  ['LANG', 'de_DE.UTF-8'],
  ['OPTIONS', '--verbose --level=3'],
  ['CLASS', 'org.example.deployment.ApplicationServerMain'],
])('%s=%s does not', (name, value) => {
  expect(looksSecret(name, value)).toBe(false);
});
