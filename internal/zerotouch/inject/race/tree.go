package race

import "unsafe"

// The calling-context tree has a node for each place that was reached by one way of calls: the
// parent, and the address after the call, or of the access. The number of a node therefore is a
// whole stack, which costs a goroutine one probe of a hash table at each call and stays for good.

const (
	ftNodeBits  = 24
	ftNodeCount = 1 << ftNodeBits
	ftPCBits    = 40
	ftPCMask    = 1<<ftPCBits - 1

	ftIndexFirst = 1 << 14
)

// ftNode is a node: its parent above ftPCBits, and its address from ftText on. 0 is the root.
type ftNode uint64

// ftIndex is a hash table of the nodes. Each entry is a number, and above ftNodeBits more of the
// hash. It is replaced by a larger one; what looks at the old one meanwhile finds fewer.
type ftIndex struct {
	_     ftNotInHeap
	mask  uint64
	words uint64 // from here on
}

var (
	ftText      uintptr // addresses in nodes count from here
	ftNodes     *[ftNodeCount]ftNode
	ftNodeLock  ftLock
	ftNodeFresh uint32 // nodes in use; the first is the root
	ftIndexNow  *ftIndex
)

func ftInitTree(text uintptr) {
	ftText = text
	ftNodes = (*[ftNodeCount]ftNode)(ftReserve(unsafe.Sizeof([ftNodeCount]ftNode{})))
	ftNodeFresh = 1
	ftIndexNow = ftNewIndex(ftIndexFirst)
}

//go:nosplit
func ftNewIndex(entries uint64) *ftIndex {
	x := (*ftIndex)(ftReserve(uintptr(entries)*4 + unsafe.Sizeof(ftIndex{})))
	x.mask = entries - 1
	return x
}

//go:nosplit
func (x *ftIndex) at(i uint64) *uint32 {
	return (*uint32)(unsafe.Add(unsafe.Pointer(&x.words), i&x.mask*4))
}

//go:nosplit
func ftHash(n ftNode) uint64 {
	h := uint64(n) * 0x9e3779b97f4a7c15
	return h ^ h>>32
}

// ftChild returns the node of an address below another; 0 if there is no room.
//
//go:nosplit
func ftChild(parent uint32, pc uintptr) uint32 {
	n := ftNode(parent)<<ftPCBits | ftNode(pc-ftText)&ftPCMask
	h := ftHash(n)
	x := (*ftIndex)(ftLoadPointer(unsafe.Pointer(&ftIndexNow)))
	tag := uint32(h>>56) << ftNodeBits
	for i := h; ; i++ {
		e := ftLoad(x.at(i))
		if e == 0 {
			return ftNewChild(n, h)
		}
		if e&^(ftNodeCount-1) == tag && ftNodes[e&(ftNodeCount-1)] == n {
			return e & (ftNodeCount - 1)
		}
	}
}

// ftNewChild adds a node, if no other has meanwhile.
//
//go:nosplit
func ftNewChild(n ftNode, h uint64) uint32 {
	ftNodeLock.lock()
	x := ftIndexNow
	tag := uint32(h>>56) << ftNodeBits
	i := h
	for ; ; i++ {
		e := *x.at(i)
		if e == 0 {
			break
		}
		if e&^(ftNodeCount-1) == tag && ftNodes[e&(ftNodeCount-1)] == n {
			ftNodeLock.unlock()
			return e & (ftNodeCount - 1)
		}
	}
	id := ftNodeFresh
	if id == ftNodeCount {
		ftNodeLock.unlock()
		return 0
	}
	ftNodeFresh++
	ftNodes[id] = n
	if uint64(id)*2 > x.mask {
		ftGrowIndex(x)
	} else {
		ftStore(x.at(i), id|tag)
	}
	ftNodeLock.unlock()
	return id
}

// ftGrowIndex puts all nodes into a larger table.
//
//go:nosplit
func ftGrowIndex(old *ftIndex) {
	x := ftNewIndex((old.mask + 1) * 4)
	for id := uint32(1); id < ftNodeFresh; id++ {
		h := ftHash(ftNodes[id])
		i := h
		for *x.at(i) != 0 {
			i++
		}
		*x.at(i) = id | uint32(h>>56)<<ftNodeBits
	}
	ftStorePointer(unsafe.Pointer(&ftIndexNow), unsafe.Pointer(x))
}

// ftParent returns the node that a node is below.
//
//go:nosplit
func ftParent(node uint32) uint32 { return uint32(ftNodes[node] >> ftPCBits) }

// ftPC returns the address of a node.
//
//go:nosplit
func ftPC(node uint32) uintptr { return ftText + uintptr(ftNodes[node]&ftPCMask) }

// enter says that the goroutine calls a function, which will return to pc.
//
//go:nosplit
func (t *ftTask) enter(pc uintptr) {
	if t.lost == 0 {
		if node := ftChild(t.node, pc); node != 0 {
			t.node = node
			return
		}
	}
	t.lost++
}

// exit says that the function returns.
//
//go:nosplit
func (t *ftTask) exit() {
	if t.lost != 0 {
		t.lost--
		return
	}
	t.node = ftParent(t.node)
}
