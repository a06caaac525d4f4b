import { describe, expect, it } from 'vitest';
import { refusalOf } from './redis-refusals.ts';

const said = (message: string, more: object = {}) => Object.assign(new Error(message), more);
const IN_SCRIPT = 'ERR Error running script (call to f_1): @user_script:1: @user_script: 1: ';

describe('what Redis does not let us', () => {
  it.each([
    [said('WRONGPASS invalid username-password pair or user is disabled.'), 'REDIS_RECUSOU_USUARIO'],
    [said('NOAUTH Authentication required.'), 'REDIS_RECUSOU_USUARIO'],
    [said("NOPERM this user has no permissions to run the 'set' command"), 'REDIS_NAO_AUTORIZADO'],
    // Of a script: as Redis 8, 7 and 6 say it.
    [
      said(
        "ERR ACL failure in script: User api has no permissions to run the 'del' command script: f1, on @user_script:1.",
      ),
      'REDIS_NAO_AUTORIZADO',
    ],
    [
      said('ERR ACL failure in script: No permissions to access a key script: f1, on @user_script:1.'),
      'REDIS_NAO_AUTORIZADO',
    ],
    [
      said("ERR The user executing the script can't run this command or subcommand script: f1, on @user_script:1."),
      'REDIS_NAO_AUTORIZADO',
    ],
    [said(`${IN_SCRIPT}The user executing the script can't run this command or subcommand`), 'REDIS_NAO_AUTORIZADO'],
    [said('self-signed certificate in chain', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }), 'REDIS_TLS_RECUSADO'],
    [
      said("Hostname/IP does not match certificate's altnames", { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }),
      'REDIS_TLS_RECUSADO',
    ],
    [said('wrong version number', { code: 'ERR_SSL_WRONG_VERSION_NUMBER' }), 'REDIS_TLS_RECUSADO'],
    [
      said('Failed to refresh slots cache.', { lastNodeError: said('NOAUTH Authentication required.') }),
      'REDIS_RECUSOU_USUARIO',
    ],
  ])('%s', (error, code) => {
    expect(refusalOf(error)).toMatchObject({ code, cause: expect.any(Error) });
  });

  it.each([
    said('connect ECONNREFUSED 127.0.0.1:1', { code: 'ECONNREFUSED' }),
    said('CLUSTERDOWN The cluster is down'),
    said('Failed to refresh slots cache.', { lastNodeError: said('Connection is closed.') }),
    said('WRONGTYPE Operation against a key holding the wrong kind of value'),
    'NOPERM',
  ])('is not %s', (error) => {
    expect(refusalOf(error)).toBeNull();
  });
});
