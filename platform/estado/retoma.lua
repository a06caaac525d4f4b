-- Lets a shard that para.lua stopped go on from where it stands; one that was not stopped stays as it is.
--
-- KEYS[1]   position
--
-- Result: the position.
local posicao = redis.call('GET', KEYS[1]) or '0'
if string.sub(posicao, 1, 1) == '#' then
  posicao = string.sub(posicao, 2)
  redis.call('SET', KEYS[1], posicao)
end
return posicao
