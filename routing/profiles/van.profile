# Delivery van. The rules are explained in doc/roads.md.
name van
access access vehicle motor_vehicle goods
oneway oneway oneway:motor_vehicle
restriction restriction restriction:motor_vehicle restriction:goods
except motorcar motor_vehicle goods

# best road first: the order decides who gives way
class motorway 90 nosnap
class motorway_link 50 nosnap
class trunk 75 nosnap
class trunk_link 45 nosnap
class primary 50
class primary_link 40
class secondary 42
class secondary_link 35
class tertiary 36
class tertiary_link 30
class unclassified 30
class residential 24
class living_street 10
class service 14
class road 20
class pedestrian 6 explicit
class track 10 explicit
class busway 30 explicit

value yes yes
value permissive yes
value designated yes
value official yes
value public yes
value delivery yes
value customers 20
value destination 20
value private 90
value permit 90
value agricultural no
value forestry no
value no no

maxspeed 0.85
top 90
factor surface=cobblestone 0.7
factor surface=sett 0.85
factor surface=unpaved 0.6
factor surface=gravel 0.6
factor surface=ground 0.5
factor surface=dirt 0.5
factor service=parking_aisle 0.6
factor service=driveway 0.8

barrier gate 15
barrier lift_gate 10
barrier swing_gate 20
barrier entrance 0
barrier toll_booth 15
barrier border_control 60
barrier kerb 0
barrier height_restrictor 0
barrier cattle_grid 2
barrier * no

node highway=traffic_signals 8
node highway=stop 3
node highway=give_way 1
node highway=crossing 1

turn straight 0
turn slight 1
turn right 3
turn left 6
turn sharp 8
turn uturn no
turn deadend 20
turn minor 3

ferry 300
walk 4.5
park foot 600

hour 7-9 * 0.75
hour 11-13 * 0.9
hour 17-19 * 0.7
hour 22-24 * 1.1
hour 0-6 * 1.15
