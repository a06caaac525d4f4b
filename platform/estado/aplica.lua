-- Applies a run of lots to one shard, whole or not at all, if the shard still stands where the fold began.
--
-- KEYS[1]               position (string; absent is 0)
-- KEYS[2]               set of the groups of counters
-- KEYS[3 .. 2+G]        the groups' hashes
-- KEYS[3+G ..]          clients' states
-- ARGV[1]               position the fold was made against
-- ARGV[2]               position after it
-- ARGV[3]               JSON, for each group {name, fields, differences}: two lists of the same length
-- ARGV[4 ..]            the values of the states
--
-- Result: {code, position now}. Code 1: applied. Code 2: a copy of this very run was applied before. Code 0: the shard
-- stands elsewhere, nothing was written.
local call = redis.call
local atual = call('GET', KEYS[1]) or '0'
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

local grupos = cjson.decode(ARGV[3])
for g = 1, #grupos do
  local hash = KEYS[2 + g]
  local grupo, campos, diferencas = grupos[g][1], grupos[g][2], grupos[g][3]
  call('SADD', KEYS[2], grupo)
  for c = 1, #campos do
    if call('HINCRBY', hash, campos[c], diferencas[c]) == 0 then
      call('HDEL', hash, campos[c])
    end
  end
end

local a = 4
for k = 3 + #grupos, #KEYS do
  call('SET', KEYS[k], ARGV[a])
  a = a + 1
end
return {1, ARGV[2]}
