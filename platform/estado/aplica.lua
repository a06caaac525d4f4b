-- Applies a run of lots to one shard, whole or not at all, if the shard still stands where the fold began.
--
-- KEYS[1]   position (string; absent is 0)
-- KEYS[2]   set of the groups of counters
-- KEYS[3..] in a Cluster, every other key it writes: nothing reads them here, the node asks whether it has them all
-- ARGV[1]   position the fold was made against
-- ARGV[2]   position after it
-- ARGV[3]   what the shard's other keys begin with: the same hash tag, hence the same slot
-- ARGV[4]   JSON: grupos, for each {name, fields, differences}, two lists of the same length;
--           titulares, whose states changed, and tamanhos, the length of each one's value;
--           removidos, whose states are no more
-- ARGV[5]   the values of the states, one after the other
-- ARGV[6]   the form of what is written: a field of `mudou` that says up to where every run was written in it
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
call('SET', KEYS[1], ARGV[2])

local shard, mudanca, valores = ARGV[3], cjson.decode(ARGV[4]), ARGV[5]
-- An older program writes runs and says nothing here: from then on the shard is not of this form any more.
if atual == '0' or call('HGET', shard .. 'mudou', ARGV[6]) == atual then
  call('HSET', shard .. 'mudou', ARGV[6], ARGV[2])
end
for _, mudado in ipairs(mudanca.grupos) do
  local grupo, campos, diferencas = mudado[1], mudado[2], mudado[3]
  local hash = shard .. grupo
  call('SADD', KEYS[2], grupo)
  call('HSET', shard .. 'mudou', grupo, ARGV[2])
  for c = 1, #campos do
    if call('HINCRBY', hash, campos[c], diferencas[c]) == 0 then
      call('HDEL', hash, campos[c])
    end
  end
end

-- Many in one command, as many as Lua takes arguments.
local titulares, tamanhos, de = mudanca.titulares, mudanca.tamanhos, 1
for inicio = 1, #titulares, 2000 do
  local pares, n = {}, 0
  for t = inicio, math.min(inicio + 1999, #titulares) do
    pares[n + 1] = shard .. 'c:' .. titulares[t]
    pares[n + 2] = string.sub(valores, de, de + tamanhos[t] - 1)
    de = de + tamanhos[t]
    n = n + 2
  end
  call('MSET', unpack(pares))
end
for _, titular in ipairs(mudanca.removidos) do
  call('UNLINK', shard .. 'c:' .. titular)
end
return {1, ARGV[2]}
