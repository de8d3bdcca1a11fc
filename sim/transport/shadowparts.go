package transport

// ShadowCopyID names what is kept, on another server, of a message that a server has taken: the driver's number, from 1. The zero value is
// none.
type ShadowCopyID uint32

// shadowParts knows which copies on the primaries have come of a message with a shadow copy: one when the primary takes it, more when it is
// split. The primary has passed the message on when the last of them has left. It is empty, and costs nothing, while nobody calls
// Shadow.
type shadowParts struct {
	of    []ShadowCopyID // by copy
	count []int32        // by shadow copy: parts that are on the primary
}

// Shadow says that a copy which a server is about to take has a shadow copy elsewhere. What is split off it has the same.
func (s *Store) Shadow(m MsgID, id ShadowCopyID) {
	p := &s.shadow
	for len(p.of) < len(s.Hot) {
		p.of = append(p.of, 0)
	}
	for int(id) >= len(p.count) {
		p.count = append(p.count, 0)
	}
	p.of[m] = id
	p.count[id]++
}

// ShadowOf returns the shadow copy of a copy; 0 when it has none.
func (s *Store) ShadowOf(m MsgID) ShadowCopyID {
	if int(m) >= len(s.shadow.of) {
		return 0
	}
	return s.shadow.of[m]
}

// Unshadow says that a copy leaves its server, however it does, before it is freed. It returns the shadow copy, 0 when there is none, and
// how many parts of the message are left on the server.
func (s *Store) Unshadow(m MsgID) (id ShadowCopyID, left int32) {
	if id = s.ShadowOf(m); id == 0 {
		return 0, 0
	}
	s.shadow.of[m] = 0
	s.shadow.count[id]--
	return id, s.shadow.count[id]
}

// shareShadow gives a copy that is split off another the other's shadow copy.
func (s *Store) shareShadow(from, to MsgID) {
	if id := s.ShadowOf(from); id != 0 {
		s.Shadow(to, id)
	}
}

// ShadowParts returns how many parts of a message are on the server that took it.
func (s *Store) ShadowParts(id ShadowCopyID) int32 { return s.shadow.count[id] }
