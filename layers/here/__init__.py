"""Who answers for a spot, and in which field it lies: for one point and for very many."""
