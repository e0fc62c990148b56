# Electric bicycle: contraflow where tagged, through bollards, pushes nothing.
name ebike
access access vehicle bicycle
oneway oneway oneway:bicycle
contraflow cycleway=opposite
contraflow cycleway=opposite_lane
contraflow cycleway=opposite_track
restriction restriction:bicycle
except bicycle

class primary 23
class primary_link 22
class secondary 23
class secondary_link 22
class tertiary 23
class tertiary_link 22
class unclassified 22
class residential 20
class living_street 14
class service 16
class cycleway 22
class road 18
class track 14
class path 14
class bridleway 8 explicit
class pedestrian 7
class footway 7 explicit

value yes yes
value permissive yes
value designated yes
value official yes
value delivery yes
value customers 5
value destination 0
value private 60
value permit 60
value dismount no
value use_sidepath 20
value no no

deny motorroad=yes
maxspeed 0
top 25
factor surface=cobblestone 0.6
factor surface=sett 0.75
factor surface=unpaved 0.7
factor surface=gravel 0.7
factor surface=ground 0.6
factor surface=dirt 0.6
factor surface=sand 0.3

barrier gate 8
barrier swing_gate 10
barrier stile no
barrier turnstile no
barrier kissing_gate 15
barrier full-height_turnstile no
barrier fence no
barrier wall no
barrier hedge no
barrier ditch no
barrier * 1

node highway=traffic_signals 6
node highway=stop 2
node highway=crossing 1

turn straight 0
turn slight 0
turn right 1
turn left 3
turn sharp 3
turn uturn 6
turn deadend 4
turn minor 2

ferry 300
walk 4.5
park foot 300
