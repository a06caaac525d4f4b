import { request as http } from 'node:http';
import { request as https } from 'node:https';

// The image's HEALTHCHECK: ready or not, as the service itself says. Over TLS its name is not what is asked about.
const secure = Boolean(process.env.ATENDIDO_TLS_CERT);
const where = { host: '127.0.0.1', port: Number(process.env.PORT || 8080), path: '/saude/pronto', timeout: 3_000 };
const asked = secure ? https({ ...where, rejectUnauthorized: false }) : http(where);
asked.on('response', (answer) => process.exit(answer.statusCode === 200 ? 0 : 1));
asked.on('timeout', () => process.exit(1));
asked.on('error', () => process.exit(1));
asked.end();
