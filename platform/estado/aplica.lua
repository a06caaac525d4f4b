-- Applies a run of lots to one shard, whole or not at all, if the shard still stands where the fold began.
--
-- KEYS[1]   position (string; absent is 0)
-- KEYS[2]   set of the groups of counters
-- KEYS[3..] in a Cluster, every other key it writes: nothing reads them here, the node asks whether it has them all
-- ARGV[1]   position the fold was made against
-- ARGV[2]   position after it
-- ARGV[3]   what the shard's other keys begin with: the same hash tag, hence the same slot
-- ARGV[4]   JSON: grupos, for each {name, fields, differences}, two lists of the same length, no field twice;
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

-- Many in one command: so few that they are still at hand in the processor's cache, and Lua takes them as arguments.
local MUITOS = 200

-- What a field held, and the sum: both in doubles, exact up to 2^53, as far as whoever reads them counts. As text, for
-- Redis would print a number with all digits a double may have.
local function soma(hash, campos, diferencas, de, ate)
  local antes, pares, zeros = call('HMGET', hash, unpack(campos, de, ate)), {}, {}
  for c = de, ate do
    local n = (antes[c - de + 1] or 0) + diferencas[c]
    if n == 0 then
      zeros[#zeros + 1] = campos[c]
    else
      pares[#pares + 1] = campos[c]
      pares[#pares + 1] = string.format('%d', n)
    end
  end
  if #pares > 0 then
    call('HSET', hash, unpack(pares))
  end
  if #zeros > 0 then
    call('HDEL', hash, unpack(zeros))
  end
end

for _, mudado in ipairs(mudanca.grupos) do
  local grupo, campos, diferencas = mudado[1], mudado[2], mudado[3]
  call('SADD', KEYS[2], grupo)
  call('HSET', shard .. 'mudou', grupo, ARGV[2])
  for de = 1, #campos, MUITOS do
    soma(shard .. grupo, campos, diferencas, de, math.min(de + MUITOS - 1, #campos))
  end
end

local titulares, tamanhos, de = mudanca.titulares, mudanca.tamanhos, 1
for inicio = 1, #titulares, MUITOS do
  local pares, n = {}, 0
  for t = inicio, math.min(inicio + MUITOS - 1, #titulares) do
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
