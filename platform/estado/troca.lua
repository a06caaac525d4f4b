-- Makes the new generation the live one, whole or not at all, if whoever asks still holds the lock.
--
-- KEYS[1]   the generations (hash: viva, anterior, nova, descartada, numero)
-- KEYS[2]   the lock
-- ARGV[1]   who asks
-- ARGV[2]   the generation that is live where none was ever changed
--
-- Result: 1: changed. 0: the lock is another's, or there is no new generation; nothing was written.
local nova = redis.call('HGET', KEYS[1], 'nova')
if redis.call('GET', KEYS[2]) ~= ARGV[1] or not nova then
  return 0
end
local viva = redis.call('HGET', KEYS[1], 'viva') or ARGV[2]
redis.call('HSET', KEYS[1], 'viva', nova, 'anterior', viva)
redis.call('HDEL', KEYS[1], 'nova')
return 1
