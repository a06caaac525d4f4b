-- Gives generations their roles, all or none, if whoever asks still holds the lock and finds what it believes to find.
--
-- KEYS[1]   the generations (hash: viva, anterior, nova, descartada, numero)
-- KEYS[2]   the lock
-- ARGV[1]   who asks
-- ARGV[2]   a role
-- ARGV[3]   the generation that has that role; '': none has
-- ARGV[4…]  what is written, in pairs: a role, the generation that gets it ('': none does)
--
-- Result: 1: written. 0: the lock is another's, or the role is; nothing was written.
if redis.call('GET', KEYS[2]) ~= ARGV[1] or (redis.call('HGET', KEYS[1], ARGV[2]) or '') ~= ARGV[3] then
  return 0
end
for n = 4, #ARGV, 2 do
  if ARGV[n + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[n])
  else
    -- Redis can refuse the first write alone.
    redis.call('HSET', KEYS[1], ARGV[n], ARGV[n + 1])
  end
end
return 1
