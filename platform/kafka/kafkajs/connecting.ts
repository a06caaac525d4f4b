import BrokerClass from 'kafkajs/src/broker/index.js';
import errors from 'kafkajs/src/errors.js';
import { isCutOff } from './errors.ts';

/**
 * kafkajs goes on to the next broker of its list only from one to which there is no connection. One that takes the
 * connection and then says nothing (it stands still) is asked again and again, for 30 s each time; and one that is cut off
 * while it is asked who we are counts as a password refused. To us both are brokers to which there is no connection.
 */
const connect = BrokerClass.prototype.connect;
BrokerClass.prototype.connect = async function () {
  const { connectionPool: pool, authenticationTimeout } = this;
  const address = { broker: `${pool.host}:${pool.port}` };
  const silent = new errors.KafkaJSConnectionError('Connection error: no answer in time', address);
  const timer = setTimeout(() => void pool.map((one) => one.rejectRequests(silent)), authenticationTimeout);
  try {
    await connect.call(this);
  } catch (error) {
    throw isCutOff(error) ? new errors.KafkaJSConnectionError(error.message, address) : error;
  } finally {
    clearTimeout(timer);
  }
};
