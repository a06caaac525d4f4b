-- Moves a partition of `presencas` forward: the offers a batch changed and the position, all or nothing.
-- KEYS[1]  position   KEYS[2..]  one hash per offer
-- ARGV[1]  the position the batch was folded against
-- ARGV[2]  the position after it
-- ARGV[3..]  for each offer, in the order of KEYS: number of fields, then field, value, field, value...
-- Returns the stored position as text: ARGV[2] when applied (now, or by an earlier copy of this very command),
-- anything else when somebody moved it meanwhile, and then nothing was written.
local stored = redis.call('GET', KEYS[1]) or '0'
if stored ~= ARGV[1] then
  return stored
end
-- The first write comes before all others and is the only one Redis can refuse (no memory, read only, disk).
redis.call('SET', KEYS[1], ARGV[2])
local at = 3
for offer = 2, #KEYS do
  local fields = tonumber(ARGV[at])
  for field = 1, fields do
    redis.call('HSET', KEYS[offer], ARGV[at + 2 * field - 1], ARGV[at + 2 * field])
  end
  at = at + 1 + 2 * fields
end
return ARGV[2]
