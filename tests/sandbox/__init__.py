"""The sandbox is what it says: as honest as the contract, every fault as named."""
