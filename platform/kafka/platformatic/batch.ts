/** The newest format of records, the only one that Kafka 4 keeps. */
export const FORMAT = 2;
/** Of a batch's attributes. */
export const TRANSACTIONAL = 1 << 4;

/** Where the fields of a batch of records stand, from its beginning. */
export const AT = {
  length: 8,
  format: 16,
  crc: 17,
  attributes: 21,
  lastDelta: 23,
  firstTime: 27,
  lastTime: 35,
  producer: 43,
  epoch: 51,
  sequence: 53,
  count: 57,
};
export const HEAD_BYTES = 61;
/** The length of a batch counts from here, its checksum from the attributes. */
export const LENGTH_ENDS = 12;
