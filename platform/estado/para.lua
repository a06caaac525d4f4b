-- Stops a shard where it stands, for a change of generation: whoever folded against its position is refused from now on.
--
-- KEYS[1]   position
--
-- Result: the position, with `#` in front: it is no position any run was folded against.
local posicao = redis.call('GET', KEYS[1]) or '0'
if string.sub(posicao, 1, 1) ~= '#' then
  posicao = '#' .. posicao
  redis.call('SET', KEYS[1], posicao)
end
return posicao
