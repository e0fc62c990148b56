# Electric cargo trike (快递三轮车): slow, keeps to the cycle rules where they are tagged.
name etrike
access access vehicle bicycle cargo_bicycle
oneway oneway oneway:bicycle
contraflow cycleway=opposite
contraflow cycleway=opposite_lane
contraflow cycleway=opposite_track
restriction restriction restriction:bicycle
except bicycle

class primary 22
class primary_link 20
class secondary 22
class secondary_link 20
class tertiary 22
class tertiary_link 20
class unclassified 20
class residential 18
class living_street 12
class service 14
class cycleway 18
class road 16
class track 10
class pedestrian 6 explicit
class footway 6 explicit
class path 8 explicit

value yes yes
value permissive yes
value designated yes
value official yes
value delivery yes
value customers 10
value destination 10
value private 60
value permit 60
value dismount no
value no no

deny motorroad=yes
maxspeed 0
top 25
factor surface=cobblestone 0.6
factor surface=sett 0.75
factor surface=unpaved 0.6
factor surface=gravel 0.6
factor surface=ground 0.5
factor surface=dirt 0.5
factor service=parking_aisle 0.7

barrier gate 10
barrier lift_gate 3
barrier swing_gate 15
barrier entrance 0
barrier kerb 3
barrier toll_booth 5
barrier height_restrictor 0
barrier cattle_grid 3
barrier border_control 60
barrier * no

node highway=traffic_signals 8
node highway=stop 2
node highway=crossing 1

turn straight 0
turn slight 0
turn right 1
turn left 4
turn sharp 4
turn uturn 15
turn deadend 8
turn minor 2

ferry 300
walk 4.5
park foot 400
