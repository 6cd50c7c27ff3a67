package kafka

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// rawMember speaks the group's protocol step by step, where a client hurries through it.
type rawMember struct {
	t        *testing.T
	conn     net.Conn
	instance string
	id       string
}

func newRawMember(t *testing.T, broker, instance string) *rawMember {
	t.Helper()
	conn, err := net.Dial("tcp", broker)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &rawMember{t: t, conn: conn, instance: instance}
}

func (m *rawMember) send(req kmsg.Request) {
	m.t.Helper()
	b := binary.BigEndian.AppendUint16(make([]byte, 4), uint16(req.Key()))
	b = binary.BigEndian.AppendUint16(b, uint16(req.GetVersion()))
	b = append(b, 0, 0, 0, 1, 0, 0) // a number for the answer; no name
	b = req.AppendTo(b)
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	if _, err := m.conn.Write(b); err != nil {
		m.t.Fatal(err)
	}
}

// receive waits for the answer to req.
func (m *rawMember) receive(req kmsg.Request) kmsg.Response {
	m.t.Helper()
	_ = m.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	head := make([]byte, 8)
	if _, err := io.ReadFull(m.conn, head); err != nil {
		m.t.Fatalf("%s has no answer to its %s: %v", m.instance, kmsg.NameForKey(req.Key()), err)
	}
	body := make([]byte, binary.BigEndian.Uint32(head)-4)
	if _, err := io.ReadFull(m.conn, body); err != nil {
		m.t.Fatal(err)
	}
	resp := req.ResponseKind()
	if err := resp.ReadFrom(body); err != nil {
		m.t.Fatal(err)
	}
	return resp
}

func (m *rawMember) join() *kmsg.JoinGroupRequest {
	req := kmsg.NewPtrJoinGroupRequest()
	req.SetVersion(5)
	req.Group, req.MemberID, req.InstanceID, req.ProtocolType = "scorer", m.id, &m.instance, "consumer"
	req.SessionTimeoutMillis, req.RebalanceTimeoutMillis = 60_000, 300_000
	req.Protocols = []kmsg.JoinGroupRequestProtocol{{Name: "cooperative-sticky"}}
	m.send(req)
	return req
}

func (m *rawMember) joined(req *kmsg.JoinGroupRequest) *kmsg.JoinGroupResponse {
	m.t.Helper()
	resp := m.receive(req).(*kmsg.JoinGroupResponse)
	if resp.ErrorCode != 0 {
		m.t.Fatalf("%s may not join: error %d", m.instance, resp.ErrorCode)
	}
	m.id = resp.MemberID
	return resp
}

// sync asks what m is to read, or says, if it leads, what others are.
func (m *rawMember) sync(generation int32, others ...*rawMember) *kmsg.SyncGroupRequest {
	req := kmsg.NewPtrSyncGroupRequest()
	req.SetVersion(3)
	req.Group, req.MemberID, req.InstanceID, req.Generation = "scorer", m.id, &m.instance, generation
	for _, o := range others {
		req.GroupAssignment = append(req.GroupAssignment, kmsg.SyncGroupRequestGroupAssignment{MemberID: o.id, MemberAssignment: []byte(o.instance)})
	}
	m.send(req)
	return req
}

func (m *rawMember) assigned(req *kmsg.SyncGroupRequest) string {
	m.t.Helper()
	return string(m.receive(req).(*kmsg.SyncGroupResponse).MemberAssignment)
}

// pair is a leader and a follower that have joined, with their generation.
func pair(t *testing.T, b *Broker) (leader, follower *rawMember, generation int32) {
	t.Helper()
	leader, follower = newRawMember(t, b.Addr(), "a"), newRawMember(t, b.Addr(), "b")
	first := leader.joined(leader.join())
	leader.assigned(leader.sync(first.Generation, leader))
	second := follower.join()
	awaitJoins(t, b)
	again := leader.join()
	generation = leader.joined(again).Generation
	if follower.joined(second).Generation != generation || generation != first.Generation+1 {
		t.Fatalf("they aren't in one generation: %d after %d", generation, first.Generation)
	}
	return leader, follower, generation
}

// awaitJoins waits until somebody has joined and the others are to join again.
func awaitJoins(t *testing.T, b *Broker) {
	t.Helper()
	waitFor(t, func() bool { return b.cluster.GroupInfo("scorer").State == "PreparingRebalance" })
}

// reached gives the broker time to have what was sent.
func reached() { time.Sleep(50 * time.Millisecond) }

// killedInSync is pair, whose follower then waits for its leader's word and is killed, and
// the follower's successor, whose JoinGroup is with the broker.
func killedInSync(t *testing.T) (b *Broker, leader, follower, next *rawMember, joins *kmsg.JoinGroupRequest, generation int32) {
	t.Helper()
	b, _ = startEmbedded(t)
	leader, follower, generation = pair(t, b)
	follower.sync(generation)
	reached()
	_ = follower.conn.Close()
	next = newRawMember(t, b.Addr(), "b")
	joins = next.join()
	reached()
	return b, leader, follower, next, joins, generation
}

func TestASuccessorHasTheShareOfAMemberThatDiedInSyncGroup(t *testing.T) {
	t.Parallel()
	_, leader, follower, next, joins, generation := killedInSync(t)
	if got := leader.assigned(leader.sync(generation, leader, follower)); got != "a" {
		t.Errorf("the leader is to read %q", got)
	}
	if got := next.joined(joins).Generation; got != generation {
		t.Errorf("the successor is in generation %d, its leader in %d", got, generation)
	}
	if got := next.assigned(next.sync(generation)); got != "b" {
		t.Errorf("the successor is to read %q", got)
	}
}

// TestAGroupWhoseMembersAllDieInARebalanceGoesOn has the leader die too, before it has
// spoken, and come back later than the other.
func TestAGroupWhoseMembersAllDieInARebalanceGoesOn(t *testing.T) {
	t.Parallel()
	b, leader, _, next, joins, _ := killedInSync(t)
	_ = leader.conn.Close()
	leader = newRawMember(t, b.Addr(), "a")
	generation := leader.joined(leader.join()).Generation
	if got := next.joined(joins).Generation; got != generation {
		t.Errorf("one successor is in generation %d, the other in %d", got, generation)
	}
}

// TestOfSuccessorsThatWaitTheLastOneJoins has the successor be killed too while it waits.
func TestOfSuccessorsThatWaitTheLastOneJoins(t *testing.T) {
	t.Parallel()
	b, leader, follower, next, _, generation := killedInSync(t)
	var joins *kmsg.JoinGroupRequest
	for range 10 { // in what order they are let in would be chance
		_ = next.conn.Close()
		next = newRawMember(t, b.Addr(), "b")
		joins = next.join()
		reached()
	}
	leader.assigned(leader.sync(generation, leader, follower))
	next.joined(joins)
	time.Sleep(10 * successorLook) // for those that come later
	if got := next.assigned(next.sync(generation)); got != "b" {
		t.Errorf("the last successor is to read %q", got)
	}
}
