-- Applies a run of lots to one shard, whole or not at all, if the shard still stands where the fold began.
--
-- KEYS[1]               position (string; absent is 0)
-- KEYS[2]               set of the groups of counters
-- KEYS[3 .. 2+G]        the groups' hashes
-- KEYS[3+G ..]          clients' states
-- ARGV[1]               position the fold was made against
-- ARGV[2]               position after it
-- ARGV[3]               G
-- then for each group   its name, the number F of its fields, F times (field, difference)
-- then for each client  the value
--
-- Result: {code, position now}. Code 1: applied. Code 2: a copy of this very run was applied before. Code 0: the shard
-- stands elsewhere, nothing was written.
local atual = redis.call('GET', KEYS[1]) or '0'
if atual == ARGV[2] and atual ~= ARGV[1] then
  return {2, atual}
end
if atual ~= ARGV[1] then
  return {0, atual}
end

-- The first write comes before all others and is the only one Redis can refuse (no memory, read only, disk): after it
-- the rest is done.
local escrita = redis.pcall('SET', KEYS[1], ARGV[2])
if type(escrita) == 'table' and escrita.err then
  -- Redis 6 puts the script's line before the answer's own words.
  return redis.error_reply(string.match(escrita.err, '%-(%u+ .*)$') or escrita.err)
end

local grupos = tonumber(ARGV[3])
local a = 4
for g = 1, grupos do
  local hash = KEYS[2 + g]
  redis.call('SADD', KEYS[2], ARGV[a])
  local campos = tonumber(ARGV[a + 1])
  a = a + 2
  for _ = 1, campos do
    if redis.call('HINCRBY', hash, ARGV[a], ARGV[a + 1]) == 0 then
      redis.call('HDEL', hash, ARGV[a])
    end
    a = a + 2
  end
end

for k = 3 + grupos, #KEYS do
  redis.call('SET', KEYS[k], ARGV[a])
  a = a + 1
end
return {1, ARGV[2]}
