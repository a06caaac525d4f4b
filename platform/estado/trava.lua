-- Keeps a lock for longer, or gives it back, if it is still held by whoever asks.
--
-- KEYS[1]   the lock
-- ARGV[1]   who asks
-- ARGV[2]   milliseconds from now; 0: gives it back
--
-- Result: 1: done. 0: the lock is another's, or nobody's.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
