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
-- stands elsewhere, nothing was written. {3, counter}: a counter holds no whole number, or would hold one too large to be
-- exact; nothing was written.
local call = redis.call
local atual = call('GET', KEYS[1]) or '0'
if atual == ARGV[2] and atual ~= ARGV[1] then
  return {2, atual}
end
if atual ~= ARGV[1] then
  return {0, atual}
end

local shard, mudanca, valores = ARGV[3], cjson.decode(ARGV[4]), ARGV[5]

-- Many in one command: so few that they are still at hand in the processor's cache, and Lua takes them as arguments.
local MUITOS = 200
-- Every whole number up to here is a double of its own, and so far counts whoever reads them.
local MAIOR = 9007199254740991

-- What becomes of some counters of a group: fields and sums to be written, and those that are no more. As text, for
-- Redis would print a number with all digits a double may have. Instead of them the field that holds no whole number.
local function soma(hash, campos, diferencas, de, ate)
  local antes, pares, zeros = call('HMGET', hash, unpack(campos, de, ate)), {}, {}
  for c = de, ate do
    local havia = tonumber(antes[c - de + 1] or 0)
    local n = havia and havia + diferencas[c]
    if not n or n % 1 ~= 0 or n > MAIOR or n < -MAIOR then
      return nil, campos[c]
    end
    if n == 0 then
      zeros[#zeros + 1] = campos[c]
    else
      pares[#pares + 1] = campos[c]
      pares[#pares + 1] = string.format('%d', n)
    end
  end
  return {hash, pares, zeros}
end

-- All sums before the first write: after it a counter that cannot be added to would leave the run half written.
local somas = {}
for _, mudado in ipairs(mudanca.grupos) do
  local hash, campos, diferencas = shard .. mudado[1], mudado[2], mudado[3]
  for de = 1, #campos, MUITOS do
    local feita, ilegivel = soma(hash, campos, diferencas, de, math.min(de + MUITOS - 1, #campos))
    if not feita then
      return {3, hash .. ' ' .. ilegivel}
    end
    somas[#somas + 1] = feita
  end
end
-- An older program writes runs and says nothing here: from then on the shard is not of this form any more.
local daForma = atual == '0' or call('HGET', shard .. 'mudou', ARGV[6]) == atual

-- The first write comes before all others and is the only one Redis can refuse (no memory, read only, disk): after it
-- the rest is done.
call('SET', KEYS[1], ARGV[2])
if daForma then
  call('HSET', shard .. 'mudou', ARGV[6], ARGV[2])
end
for _, mudado in ipairs(mudanca.grupos) do
  call('SADD', KEYS[2], mudado[1])
  call('HSET', shard .. 'mudou', mudado[1], ARGV[2])
end
for _, feita in ipairs(somas) do
  local hash, pares, zeros = feita[1], feita[2], feita[3]
  if #pares > 0 then
    call('HSET', hash, unpack(pares))
  end
  if #zeros > 0 then
    call('HDEL', hash, unpack(zeros))
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
